package state

import core "scim-sync/sync"

// FilesAt and InMemory give backends themselves, for the tests of the port.
func FilesAt(path string) Backend { return newFileBackend(path) }

// InMemory gives one that is gone with the process.
func InMemory() Backend { return Memory(core.Managed{}).backend }
