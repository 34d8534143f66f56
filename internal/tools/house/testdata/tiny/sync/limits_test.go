package sync

import "testing"

func TestIsLeftOut(t *testing.T) { (&Plan{}).Add(named("")) }
