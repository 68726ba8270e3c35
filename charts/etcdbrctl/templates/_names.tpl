{{/* Names and labels are those of the reference's chart: a release of it is upgraded in place. */}}
{{- define "etcdbrctl.name" -}}
{{ .Release.Name }}-etcd
{{- end }}

{{- define "etcdbrctl.labels" -}}
app.kubernetes.io/name: etcd
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* Cannot be changed in a StatefulSet. */}}
{{- define "etcdbrctl.selector" -}}
app.kubernetes.io/name: etcd
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "etcdbrctl.image" -}}
{{ .Values.images.etcdBackupRestore.repository }}:{{ .Values.images.etcdBackupRestore.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "etcdbrctl.scheme" -}}
{{ ternary "https" "http" (not (empty .Values.tls.etcd)) }}
{{- end }}

{{- define "etcdbrctl.peerScheme" -}}
{{ ternary "https" "http" (not (empty (get .Values.tls.etcd "peer"))) }}
{{- end }}

{{- define "etcdbrctl.storePrefix" -}}
{{ .Values.backup.storePrefix | default (include "etcdbrctl.name" .) }}
{{- end }}

{{/* The member of a pod, in etcd's configuration and as the name of its lease. */}}
{{- define "etcdbrctl.member" -}}
{{ with .root.Values.memberNamePrefix }}{{ . }}-{{ end }}{{ include "etcdbrctl.name" .root }}-{{ .number }}
{{- end }}

{{- define "etcdbrctl.host" -}}
{{ include "etcdbrctl.name" .root }}-{{ .number }}.{{ include "etcdbrctl.name" .root }}-peer.{{ .root.Release.Namespace }}.svc
{{- end }}

{{/* Those of the backups, as etcd-druid calls them. */}}
{{- define "etcdbrctl.fullLease" -}}
{{ include "etcdbrctl.name" . }}-full-snap
{{- end }}

{{- define "etcdbrctl.deltaLease" -}}
{{ include "etcdbrctl.name" . }}-delta-snap
{{- end }}
