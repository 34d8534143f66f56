// Package deploy is for the files beside it: how to run scim-sync on the hosts that
// people have. Its tests check each of them as far as that goes without the host.
package deploy
