package kubernetes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// documents decodes every document of a file strictly: a key that Kubernetes does
// not know, or has twice, is an error.
func documents(t *testing.T, file string) (all []any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "deploy", "kubernetes", file))
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.SplitSeq(string(b), "\n---\n") {
		var kind struct{ Kind, APIVersion string }
		if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
			t.Fatal(file, err)
		}
		into := map[string]any{
			"v1 Namespace": &corev1.Namespace{}, "v1 ServiceAccount": &corev1.ServiceAccount{}, "v1 ConfigMap": &corev1.ConfigMap{},
			"batch/v1 CronJob": &batchv1.CronJob{}, "apps/v1 Deployment": &appsv1.Deployment{},
		}[kind.APIVersion+" "+kind.Kind]
		if into == nil {
			t.Fatalf("%s: %+v", file, kind)
		}
		if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
			t.Errorf("%s, %s: %v", file, kind.Kind, err)
		}
		all = append(all, into)
	}
	return all
}

// TestFilesAreUnderstood: each decodes strictly, and the pods use what the common
// file makes.
func TestFilesAreUnderstood(t *testing.T) {
	common := documents(t, "common.yaml")
	if len(common) != 3 {
		t.Errorf("%d documents", len(common))
	}
	settings := common[2].(*corev1.ConfigMap)
	for file, pod := range pods(t) {
		for _, v := range pod.Volumes {
			if v.ConfigMap != nil && v.ConfigMap.Name != settings.Name || v.EmptyDir != nil || v.HostPath != nil {
				t.Errorf("%s: volume %s", file, v.Name)
			}
		}
		if settings.Data["scim-sync.yaml"] == "" || pod.Containers[0].Env[0].Value != "/etc/scim-sync/scim-sync.yaml" {
			t.Errorf("%s: the settings are not where they are looked for", file)
		}
	}
}

func pods(t *testing.T) map[string]corev1.PodSpec {
	t.Helper()
	return map[string]corev1.PodSpec{
		"cronjob.yaml":    documents(t, "cronjob.yaml")[0].(*batchv1.CronJob).Spec.JobTemplate.Spec.Template.Spec,
		"deployment.yaml": documents(t, "deployment.yaml")[0].(*appsv1.Deployment).Spec.Template.Spec,
	}
}

// TestPodsAreRestricted: by the pod security standard "restricted", and with a root
// that nobody can write to.
func TestPodsAreRestricted(t *testing.T) {
	for file, pod := range pods(t) {
		s, c := pod.SecurityContext, pod.Containers[0].SecurityContext
		if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || *s.RunAsUser == 0 || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: pod: %+v", file, s)
		}
		if c == nil || !*c.ReadOnlyRootFilesystem || *c.AllowPrivilegeEscalation || !slices.Equal(c.Capabilities.Drop, []corev1.Capability{"ALL"}) {
			t.Errorf("%s: container: %+v", file, c)
		}
		if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
			t.Errorf("%s: the pod gets a token of the cluster", file)
		}
	}
}

// TestWhatAnotherTryDoesNotChangeIsNotTried: 3, 5, 6 and 8 end a job at once, and no
// two jobs run at a time.
func TestWhatAnotherTryDoesNotChangeIsNotTried(t *testing.T) {
	spec := documents(t, "cronjob.yaml")[0].(*batchv1.CronJob).Spec
	job := spec.JobTemplate.Spec
	if spec.ConcurrencyPolicy != batchv1.ForbidConcurrent || job.Template.Spec.RestartPolicy != corev1.RestartPolicyNever {
		t.Errorf("%s, %s", spec.ConcurrencyPolicy, job.Template.Spec.RestartPolicy)
	}
	rule := job.PodFailurePolicy.Rules[0]
	if rule.Action != batchv1.PodFailurePolicyActionFailJob || rule.OnExitCodes.Operator != batchv1.PodFailurePolicyOnExitCodesOpIn ||
		!slices.Equal(rule.OnExitCodes.Values, []int32{3, 5, 6, 8}) || *rule.OnExitCodes.ContainerName != job.Template.Spec.Containers[0].Name {
		t.Errorf("%+v", rule)
	}
}

// TestProbesAskWhereTheWatchAnswers: at the port that the container has and the
// command listens at, and for what the program serves there.
func TestProbesAskWhereTheWatchAnswers(t *testing.T) {
	c := pods(t)["deployment.yaml"].Containers[0]
	port := c.Ports[0]
	listens := slices.Index(c.Args, "--listen")
	if listens < 0 || c.Args[listens+1] != fmt.Sprintf(":%d", port.ContainerPort) || !slices.Contains(c.Args, "--listen-any") {
		t.Errorf("it listens with %v, and the port is %d", c.Args, port.ContainerPort)
	}
	for path, probe := range map[string]*corev1.Probe{"/healthz": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.String() != port.Name {
			t.Errorf("%s: %+v", path, probe)
		}
	}
}
