// Package kubernetes checks deploy/kubernetes against the types of Kubernetes itself.
package kubernetes
