use super::*;

#[derive(Debug, Clone, Copy)]
enum Input {
    Start,
    Read,
    End(End),
}

const INPUTS: [Input; 5] = [
    Input::Start,
    Input::Read,
    Input::End(End::Done),
    Input::End(End::Failed),
    Input::End(End::Interrupted),
];

/// What is true whatever the machine says.
#[derive(Debug, Clone, Default)]
struct World {
    is_running: bool,
    /// How the last run ended, if nobody has read it yet.
    untold: Option<End>,
    failed_in_a_row: u32,
    last_wait: Duration,
}

impl World {
    /// Takes the input, and holds the machine to what is true.
    fn step(&mut self, machine: &mut Machine, input: Input) {
        match input {
            Input::Start => match machine.start() {
                Some(begin) => {
                    assert!(!self.is_running, "two at once");
                    assert_eq!(self.untold, None, "an end that nobody has read is lost");
                    assert_eq!(begin.after.is_zero(), self.failed_in_a_row == 0);
                    assert!(begin.after >= self.last_wait || self.failed_in_a_row == 0);
                    assert!(begin.after <= LONGEST_WAIT);
                    self.last_wait = begin.after;
                    self.is_running = true;
                }
                None => assert!(self.is_running || self.untold.is_some(), "it never begins"),
            },
            Input::Read => {
                let expected = match (self.is_running, self.untold.take()) {
                    (true, _) => Word::Progress,
                    (false, None) => Word::New,
                    (false, Some(End::Done)) => Word::Successful,
                    (false, Some(_)) => Word::Failed,
                };
                assert_eq!(machine.read(), expected);
            }
            Input::End(end) if self.is_running => {
                machine.end(end);
                self.is_running = false;
                self.untold = (end != End::Interrupted).then_some(end);
                self.failed_in_a_row = match end {
                    End::Done => 0,
                    End::Failed => self.failed_in_a_row + 1,
                    End::Interrupted => self.failed_in_a_row,
                };
            }
            // Nothing runs that could end.
            Input::End(end) => {
                let before = machine.clone();
                machine.end(end);
                assert_eq!(*machine, before);
            }
        }
        assert_eq!(machine.failures(), self.failed_in_a_row);
    }
}

/// The reference tells `Successful` again when a start came at the wrong moment, and `Failed` for ever to a wrapper
/// that waits for another word. Here every order of what can happen is gone through: one run at a time, each end is
/// told once, and `Successful` only after a run that began since it was told last.
#[test]
fn every_order_of_what_can_happen_is_sound() {
    fn walk(machine: &Machine, world: &World, left: usize) -> usize {
        if left == 0 {
            return 1;
        }
        let mut walked = 0;
        for input in INPUTS {
            let (mut machine, mut world) = (machine.clone(), world.clone());
            world.step(&mut machine, input);
            walked += walk(&machine, &world, left - 1);
        }
        walked
    }
    assert_eq!(walk(&Machine::new(), &World::default(), 8), 5_usize.pow(8));
}

/// etcd-wrapper takes every word but `New` and `Successful` for work in progress: it waited for ever after `Failed`.
#[test]
fn a_failure_is_told_once_and_begins_again() {
    let mut machine = Machine::new();
    assert!(machine.start().is_some());
    machine.end(End::Failed);
    assert_eq!(machine.read(), Word::Failed);
    assert_eq!(machine.read(), Word::New);
    assert!(machine.start().is_some());
}

/// The answer to a start was lost, and etcd-wrapper asked again: no second run, and the word of the first.
#[test]
fn a_second_start_is_harmless() {
    let mut machine = Machine::new();
    assert!(machine.start().is_some());
    assert_eq!(machine.start(), None);
    machine.end(End::Done);
    assert_eq!(machine.start(), None);
    assert_eq!(machine.read(), Word::Successful);
}

/// What fails at once made etcd-wrapper start a validation of the whole directory every two seconds.
#[test]
fn the_next_one_waits_longer_and_longer() {
    let mut machine = Machine::new();
    let mut waits = Vec::new();
    for _ in 0..40 {
        let begin = machine.start().unwrap();
        // The wait is part of the progress.
        assert_eq!(machine.read(), Word::Progress);
        waits.push(begin.after.as_secs());
        machine.end(End::Failed);
        machine.read();
    }
    assert_eq!(waits[..6], [0, 5, 10, 20, 40, 60]);
    assert!(waits[6..].iter().all(|wait| *wait == 60));
    machine.start();
    machine.end(End::Done);
    machine.read();
    assert_eq!(machine.start().unwrap().after, Duration::ZERO);
}

#[test]
fn an_interruption_is_no_failure() {
    let mut machine = Machine::new();
    machine.start();
    machine.end(End::Interrupted);
    assert_eq!((machine.read(), machine.failures()), (Word::New, 0));
    assert_eq!(machine.start().unwrap().after, Duration::ZERO);
}

#[test]
fn the_words_are_those_that_are_compared() {
    let words = [Word::New, Word::Progress, Word::Successful, Word::Failed];
    let words = words.map(Word::as_str);
    assert_eq!(words, ["New", "Progress", "Successful", "Failed"]);
}
