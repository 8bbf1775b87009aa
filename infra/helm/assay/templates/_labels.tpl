{{- define "assay.labels" -}}
app.kubernetes.io/name: assay
app.kubernetes.io/instance: {{ .release }}
app.kubernetes.io/component: worker-{{ .role }}
{{- end -}}
