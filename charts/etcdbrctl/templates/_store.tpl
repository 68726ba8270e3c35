{{/* What the provider is called among the values. */}}
{{- define "etcdbrctl.storeSection" -}}
{{ lower .Values.backup.storageProvider }}
{{- end }}

{{/* Empty where there is none: then the credentials are those of the machine. */}}
{{- define "etcdbrctl.storeSecret" -}}
{{- $backup := .Values.backup -}}
{{- if and $backup.storageProvider (ne $backup.storageProvider "Local") -}}
{{- if $backup.existingSecret -}}
{{ $backup.existingSecret }}
{{- else if get $backup (include "etcdbrctl.storeSection" .) -}}
{{ include "etcdbrctl.name" . }}-backup
{{- else if eq $backup.storageProvider "ECS" -}}
{{ fail "backup.ecs: endpoint, accessKeyID and secretAccessKey are needed for ECS, or backup.existingSecret" }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "etcdbrctl.storeMount" -}}
{{ ternary "/var/.gcp" "/var/etcd-backup" (eq .Values.backup.storageProvider "GCS") }}
{{- end }}

{{- define "etcdbrctl.localDirectory" -}}
/home/nonroot/{{ .Values.backup.storageContainer }}
{{- end }}

{{- define "etcdbrctl.storeArgs" -}}
- {{ printf "--storage-provider=%s" .Values.backup.storageProvider | quote }}
- {{ printf "--store-prefix=%s" (include "etcdbrctl.storePrefix" .) | quote }}
{{- with .Values.backup.endpointOverride }}
- {{ printf "--store-endpoint-override=%s" . | quote }}
{{- end }}
{{- end }}

{{- define "etcdbrctl.retentionArgs" -}}
{{- $backup := .Values.backup -}}
- {{ printf "--garbage-collection-policy=%s" $backup.garbageCollectionPolicy | quote }}
{{- if eq $backup.garbageCollectionPolicy "LimitBased" }}
- {{ printf "--max-backups=%d" (int64 $backup.maxBackups) | quote }}
{{- end }}
{{- if eq $backup.garbageCollectionPolicy "Window" }}
{{- if empty $backup.keep }}
{{- fail "backup.keep: within, daily, weekly, monthly or yearly is needed for the policy Window" }}
{{- end }}
{{- range $rule, $value := $backup.keep }}
- {{ printf "--keep-%s=%s" $rule (eq $rule "within" | ternary $value (toString (int64 $value))) | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* How what is stored is written. */}}
{{- define "etcdbrctl.contentArgs" -}}
- {{ printf "--compress-snapshots=%t" .Values.backup.compression.enabled | quote }}
{{- with .Values.backup.compression.policy }}
- {{ printf "--compression-policy=%s" . | quote }}
{{- end }}
{{- if .Values.backup.encryption.secretName }}
- --encrypt-recipients=/var/etcdbr/encryption/recipients
{{- end }}
- {{ printf "--etcd-snapshot-timeout=%s" .Values.backup.etcdSnapshotTimeout | quote }}
{{- end }}

{{- define "etcdbrctl.storeEnv" -}}
{{- $backup := .Values.backup -}}
{{- $secret := include "etcdbrctl.storeSecret" . -}}
- name: STORAGE_CONTAINER
  value: {{ ternary (include "etcdbrctl.localDirectory" .) $backup.storageContainer (eq $backup.storageProvider "Local") | quote }}
{{- if eq $backup.storageProvider "ECS" }}
{{- range $variable, $key := dict "ECS_ENDPOINT" "endpoint" "ECS_ACCESS_KEY_ID" "accessKeyID" "ECS_SECRET_ACCESS_KEY" "secretAccessKey" "ECS_DISABLE_SSL" "disableSsl" "ECS_INSECURE_SKIP_VERIFY" "insecureSkipVerify" }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret | quote }}
      key: {{ $key }}
      optional: {{ has $key (list "disableSsl" "insecureSkipVerify") }}
{{- end }}
{{- else if and $secret (eq $backup.storageProvider "GCS") }}
- name: GOOGLE_APPLICATION_CREDENTIALS
  value: /var/.gcp/{{ ternary "credentialsConfig" "serviceaccount.json" $backup.tokenAuth.enabled }}
{{- else if $secret }}
- name: {{ get (dict "S3" "AWS" "ABS" "AZURE" "Swift" "OPENSTACK" "OSS" "ALICLOUD" "OCS" "OPENSHIFT") $backup.storageProvider }}_APPLICATION_CREDENTIALS
  value: /var/etcd-backup
{{- end }}
{{- with $backup.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "etcdbrctl.storeMounts" -}}
{{- if eq .Values.backup.storageProvider "Local" -}}
- name: local-backup
  mountPath: {{ include "etcdbrctl.localDirectory" . | quote }}
{{- else if include "etcdbrctl.storeSecret" . -}}
- name: etcd-backup
  mountPath: {{ include "etcdbrctl.storeMount" . }}
  readOnly: true
{{- end }}
{{- if .Values.backup.encryption.secretName }}
- name: encryption
  mountPath: /var/etcdbr/encryption
  readOnly: true
{{- end }}
{{- end }}

{{/* Modes are decimal: 288 is 0440. */}}
{{- define "etcdbrctl.storeVolumes" -}}
{{- $backup := .Values.backup -}}
{{- if eq $backup.storageProvider "Local" -}}
{{- $local := $backup.local | default dict -}}
- name: local-backup
{{- if $local.claim }}
  persistentVolumeClaim:
    claimName: {{ $local.claim | quote }}
{{- else }}
  hostPath:
    path: {{ printf "%s/%s" (required "backup.local: path or claim is needed for Local" $local.path) $backup.storageContainer | quote }}
    type: DirectoryOrCreate
{{- end }}
{{- else if include "etcdbrctl.storeSecret" . -}}
- name: etcd-backup
  projected:
    defaultMode: 288
    sources:
    - secret:
        name: {{ include "etcdbrctl.storeSecret" . | quote }}
{{- if $backup.tokenAuth.enabled }}
    - serviceAccountToken:
        path: token
        audience: {{ $backup.tokenAuth.audience | quote }}
        expirationSeconds: {{ int64 $backup.tokenAuth.expirationSeconds }}
{{- end }}
{{- end }}
{{- with $backup.encryption.secretName }}
- name: encryption
  secret:
    secretName: {{ . | quote }}
    defaultMode: 288
{{- end }}
{{- end }}
