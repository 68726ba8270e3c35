{{- define "etcdbrctl.etcdTls" -}}
- --cacert=/var/etcd/ssl/ca/bundle.crt
- --cert=/var/etcd/ssl/client/tls.crt
- --key=/var/etcd/ssl/client/tls.key
{{- end }}

{{- define "etcdbrctl.etcdUser" -}}
- {{ printf "--etcd-username=%s" .Values.etcdAuth.username | quote }}
- --etcd-password-file=/var/etcd/auth/password
{{- end }}

{{- define "etcdbrctl.etcdTlsMounts" -}}
- name: etcd-ca
  mountPath: /var/etcd/ssl/ca
  readOnly: true
- name: etcd-client-tls
  mountPath: /var/etcd/ssl/client
  readOnly: true
{{- end }}

{{/* A volume of a secret, which the group of the pod may read: 288 is 0440. */}}
{{- define "etcdbrctl.secretVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 288
{{- end }}

{{/* The command line of the sidecar. What would have no effect is not there. */}}
{{- define "etcdbrctl.serverArgs" -}}
{{- $name := include "etcdbrctl.name" . -}}
{{- $backup := .Values.backup -}}
- server
- {{ printf "--server-port=%d" (int .Values.servicePorts.etcdBackupRestore.server) | quote }}
{{- if .Values.tls.etcdBackupRestore }}
- --server-cert=/var/etcdbr/ssl/server/tls.crt
- --server-key=/var/etcdbr/ssl/server/tls.key
- --server-cacert=/var/etcdbr/ssl/ca/bundle.crt
{{- end }}
- {{ printf "--endpoints=%s://%s-local:%d" (include "etcdbrctl.scheme" .) $name (int .Values.servicePorts.etcd.client) | quote }}
- {{ printf "--service-endpoints=%s://%s-client:%d" (include "etcdbrctl.scheme" .) $name (int .Values.servicePorts.etcd.client) | quote }}
{{- if .Values.tls.etcd }}
{{ include "etcdbrctl.etcdTls" . }}
{{- end }}
{{- if .Values.etcdAuth.username }}
{{ include "etcdbrctl.etcdUser" . }}
{{- end }}
- --data-dir=/var/etcd/data/new.etcd
- --use-etcd-wrapper=true
- {{ printf "--etcd-connection-timeout=%s" $backup.etcdConnectionTimeout | quote }}
- {{ printf "--etcd-connection-timeout-leader-election=%s" $backup.leaderElection.etcdConnectionTimeout | quote }}
- {{ printf "--reelection-period=%s" $backup.leaderElection.reelectionPeriod | quote }}
{{- with $backup.defragmentationSchedule }}
- {{ printf "--defragmentation-schedule=%s" . | quote }}
{{- end }}
- {{ printf "--etcd-defrag-timeout=%s" $backup.etcdDefragTimeout | quote }}
{{- if $backup.storageProvider }}
{{ include "etcdbrctl.storeArgs" . }}
- {{ printf "--schedule=%s" $backup.schedule | quote }}
- {{ printf "--delta-snapshot-period=%s" $backup.deltaSnapshotPeriod | quote }}
- {{ printf "--delta-snapshot-memory-limit=%d" (int64 $backup.deltaSnapshotMemoryLimit) | quote }}
{{ include "etcdbrctl.retentionArgs" . }}
- {{ printf "--garbage-collection-period=%s" $backup.garbageCollectionPeriod | quote }}
{{ include "etcdbrctl.contentArgs" . }}
{{- if and $backup.encryption.secretName $backup.encryption.identity }}
- --identity=/var/etcdbr/encryption/identity
{{- end }}
{{- with $backup.verifyEvery }}
- {{ printf "--verify-every=%s" . | quote }}
{{- end }}
{{- end }}
{{- if .Values.leases.enabled }}
- --enable-member-lease-renewal=true
- {{ printf "--k8s-heartbeat-duration=%s" .Values.leases.heartbeat | quote }}
{{- if $backup.storageProvider }}
- --enable-snapshot-lease-renewal=true
- --full-snapshot-lease-name={{ include "etcdbrctl.fullLease" . }}
- --delta-snapshot-lease-name={{ include "etcdbrctl.deltaLease" . }}
{{- end }}
{{- end }}
{{- with $backup.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}
