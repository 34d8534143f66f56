package planner

import "scim-sync/internal/nearest"

// nearName is the address, team or group that a name which nobody knows most likely
// means, or "".
func nearName(in *Input, name string) string {
	var known []string
	for i := range in.Directory.People {
		known = append(known, in.Directory.People[i].Email)
	}
	for i := range in.Workspace.Members {
		known = append(known, in.Workspace.Members[i].Email)
	}
	for _, e := range in.Managed.People {
		known = append(known, e.Email)
	}
	for i := range in.Directory.Groups {
		known = append(known, in.Directory.Groups[i].Name)
	}
	for i := range in.Workspace.Teams {
		known = append(known, in.Workspace.Teams[i].Name)
	}
	return nearest.Name(name, known)
}
