{{- define "goodhart.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "goodhart.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "goodhart.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "goodhart.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "goodhart.selector" -}}
app.kubernetes.io/name: {{ include "goodhart.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "goodhart.labels" -}}
{{ include "goodhart.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "goodhart.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "goodhart.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "goodhart.fullname" .) }}
{{- end -}}

{{- define "goodhart.scheme" -}}
{{ if .Values.access.tlsSecret }}https{{ else }}http{{ end }}
{{- end -}}

{{/* Nobody runs it open by leaving something out. */}}
{{- define "goodhart.checked" -}}
{{- with .Values.access -}}
{{- if and .insecure .keysSecret -}}
{{- fail "access.insecure and access.keysSecret: only one of the two" -}}
{{- end -}}
{{- if not (or .insecure .keysSecret) -}}
{{- fail "access: set access.keysSecret (and access.tlsSecret), or access.insecure=true for plain connections inside the cluster" -}}
{{- end -}}
{{- if and .keysSecret (not .tlsSecret) -}}
{{- fail "access.tlsSecret: keys want TLS, for a token over plain HTTP is everybody's" -}}
{{- end -}}
{{- end -}}
{{- range $group, $options := dict "otlp" (list "bind") "web" (list "bind") "intake" (list "pull") "durable" (list "bind") "alerts" (list "publish" "replay") "identity" (list "keys" "secret" "insecure" "people") "http" (list "certificate" "key") "store" (list "folder") -}}
{{- range $options -}}
{{- if hasKey (index $.Values.config $group | default dict) . -}}
{{- fail (printf "config.%s.%s: the chart sets it" $group .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* goodhart.yaml: the operator's settings, and what follows from the chart's. */}}
{{- define "goodhart.config" -}}
{{- $ports := .Values.ports -}}
{{- $identity := dict "insecure" .Values.access.insecure -}}
{{- if .Values.access.keysSecret -}}
{{- $_ := set $identity "keys" "/etc/goodhart/keys/keys.json" -}}
{{- $_ := set $identity "secret" "/run/goodhart/server.key" -}}
{{- end -}}
{{- if .Values.people.secret -}}
{{- $_ := set $identity "people" "/etc/goodhart/people/people.yaml" -}}
{{- end -}}
{{- $own := dict
      "otlp" (dict "bind" (printf "0.0.0.0:%v" $ports.otlp))
      "web" (dict "bind" (printf "0.0.0.0:%v" $ports.web))
      "intake" (dict "pull" (printf "tcp://0.0.0.0:%v" $ports.events))
      "durable" (dict "bind" (printf "tcp://0.0.0.0:%v" $ports.durable))
      "alerts" (dict "publish" (printf "tcp://0.0.0.0:%v" $ports.alerts)
                     "replay" (printf "tcp://0.0.0.0:%v" $ports.replay))
      "identity" $identity
      "store" (dict "folder" "/var/lib/goodhart/store") -}}
{{- if .Values.access.tlsSecret -}}
{{- $_ := set $own "http" (dict "certificate" "/run/goodhart/tls.crt" "key" "/run/goodhart/tls.key") -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite (deepCopy .Values.config) $own) -}}
{{- end -}}

{{/* true: there are files that the service alone may read, so they are copied for it. */}}
{{- define "goodhart.private" -}}
{{- if or .Values.access.keysSecret .Values.access.tlsSecret .Values.secretFiles.secret -}}true{{- end -}}
{{- end -}}

{{- define "goodhart.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}
