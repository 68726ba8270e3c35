// A second opinion on database files: real bbolt, driven by lines on standard input.
//
//	make PATH PAGE_SIZE sync|nosync SEED   creates a database with nested and emptied buckets, and free pages
//	grow PATH sync|nosync SEED             commits more to a database, as etcd would after a restore
//	free PATH PAGE_SIZE PAGES              creates a database whose freelist has at least so many pages
//	look PATH                              runs Tx.Check; answers with a SHA-256 over the whole content
//
// One line of answer for each: "ok ..." or "error ...".
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer, err := run(strings.Fields(lines.Text()))
		if err != nil {
			answer = "error " + strings.ReplaceAll(err.Error(), "\n", "; ")
		}
		fmt.Println(answer)
	}
}

func run(words []string) (answer string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	switch {
	case len(words) == 5 && words[0] == "make":
		pageSize, err := strconv.Atoi(words[2])
		if err != nil {
			return "", err
		}
		return "ok", change(words[1], pageSize, words[3] == "nosync", words[4], 12)
	case len(words) == 4 && words[0] == "grow":
		return "ok", change(words[1], 0, words[2] == "nosync", words[3], 3)
	case len(words) == 4 && words[0] == "free":
		return "ok", free(words[1], words[2], words[3])
	case len(words) == 2 && words[0] == "look":
		return look(words[1])
	}
	return "", fmt.Errorf("unknown command %q", words)
}

func open(path string, options *bolt.Options) (*bolt.DB, error) {
	options.Timeout = 10 * time.Second
	return bolt.Open(path, 0o600, options)
}

func change(path string, pageSize int, noFreelistSync bool, seed string, commits int) error {
	number, err := strconv.ParseInt(seed, 10, 64)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewSource(number))
	db, err := open(path, &bolt.Options{PageSize: pageSize, NoFreelistSync: noFreelistSync, NoSync: true})
	if err != nil {
		return err
	}
	defer db.Close()
	for range commits {
		if err := db.Update(func(tx *bolt.Tx) error { return commit(tx, random) }); err != nil {
			return err
		}
	}
	return nil
}

// free writes one value of so many pages and deletes it.
func free(path, pageSize, pages string) error {
	size, err := strconv.Atoi(pageSize)
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(pages)
	if err != nil {
		return err
	}
	db, err := open(path, &bolt.Options{PageSize: size, NoSync: true})
	if err != nil {
		return err
	}
	defer db.Close()
	put := func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("bucket"))
		if err != nil {
			return err
		}
		return bucket.Put([]byte("large"), make([]byte, size*count))
	}
	remove := func(tx *bolt.Tx) error { return tx.Bucket([]byte("bucket")).Delete([]byte("large")) }
	for _, step := range []func(*bolt.Tx) error{put, remove} {
		if err := db.Update(step); err != nil {
			return err
		}
	}
	// The pages a commit frees are free once the next one is done.
	return db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte("bucket")).SetSequence(1) })
}

// commit changes buckets of every kind: large, small (inline), empty, nested, shrinking.
func commit(tx *bolt.Tx, random *rand.Rand) error {
	key, err := tx.CreateBucketIfNotExists([]byte("key"))
	if err != nil {
		return err
	}
	for range 200 {
		sequence, err := key.NextSequence()
		if err != nil {
			return err
		}
		if err := key.Put(binary.BigEndian.AppendUint64(nil, sequence), value(random)); err != nil {
			return err
		}
	}
	churn, err := tx.CreateBucketIfNotExists([]byte("churn"))
	if err != nil {
		return err
	}
	for range 300 {
		name := []byte(fmt.Sprintf("%03d", random.Intn(400)))
		if random.Intn(5) < 2 {
			err = churn.Delete(name)
		} else {
			err = churn.Put(name, value(random))
		}
		if err != nil {
			return err
		}
	}
	small, err := tx.CreateBucketIfNotExists([]byte("meta"))
	if err != nil {
		return err
	}
	if err := small.Put([]byte("consistent_index"), binary.BigEndian.AppendUint64(nil, random.Uint64())); err != nil {
		return err
	}
	if err := small.SetSequence(random.Uint64()); err != nil {
		return err
	}
	if _, err := tx.CreateBucketIfNotExists([]byte("empty")); err != nil {
		return err
	}
	return nest(tx, random)
}

func nest(tx *bolt.Tx, random *rand.Rand) error {
	nested, err := tx.CreateBucketIfNotExists([]byte("nested"))
	if err != nil {
		return err
	}
	for depth := range 4 {
		if err := nested.Put([]byte(fmt.Sprintf("item %d", random.Intn(50))), value(random)); err != nil {
			return err
		}
		if nested, err = nested.CreateBucketIfNotExists([]byte(fmt.Sprintf("level %d", depth))); err != nil {
			return err
		}
	}
	return nil
}

func value(random *rand.Rand) []byte {
	size := random.Intn(200)
	if random.Intn(40) == 0 {
		size = random.Intn(30000)
	}
	bytes := make([]byte, size)
	random.Read(bytes)
	return bytes
}

func look(path string) (string, error) {
	db, err := open(path, &bolt.Options{ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer db.Close()
	content := sha256.New()
	var faults []string
	err = db.View(func(tx *bolt.Tx) error {
		for fault := range tx.Check() {
			faults = append(faults, fault.Error())
		}
		if len(faults) > 0 {
			return nil
		}
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error { return digest(content, name, bucket) })
	})
	if err != nil {
		return "", err
	}
	if len(faults) > 0 {
		return "", fmt.Errorf("Tx.Check: %s", strings.Join(faults, "; "))
	}
	return "ok " + hex.EncodeToString(content.Sum(nil)), nil
}

// digest feeds a bucket to the hash: every field with its length, so that no two contents feed alike.
func digest(content hash.Hash, name []byte, bucket *bolt.Bucket) error {
	content.Write([]byte("bucket"))
	field(content, name)
	binary.Write(content, binary.LittleEndian, bucket.Sequence())
	err := bucket.ForEach(func(key, value []byte) error {
		if value == nil {
			return digest(content, key, bucket.Bucket(key))
		}
		content.Write([]byte("item"))
		field(content, key)
		field(content, value)
		return nil
	})
	content.Write([]byte("end"))
	return err
}

func field(content hash.Hash, bytes []byte) {
	binary.Write(content, binary.LittleEndian, uint64(len(bytes)))
	content.Write(bytes)
}
