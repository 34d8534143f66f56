package sync

// Summary counts steps by action, memberships in add_members and
// remove_members, and what the rails and seats come to. Steps refused by a
// cap are counted; steps held for any other reason are not. Under change_email
// are also those who get a new invite or account under another address.
type Summary struct {
	Provision        int `json:"provision"`
	Adopt            int `json:"adopt"`
	Reactivate       int `json:"reactivate"`
	Suspend          int `json:"suspend"`
	CancelInvite     int `json:"cancel_invite"`
	Promote          int `json:"promote"`
	Demote           int `json:"demote"`
	Rename           int `json:"rename"`
	ChangeEmail      int `json:"change_email"`
	CreateTeam       int `json:"create_team"`
	LinkTeam         int `json:"link_team"`
	RenameTeam       int `json:"rename_team"`
	DeleteTeam       int `json:"delete_team"`
	AddMembers       int `json:"add_members"`
	RemoveMembers    int `json:"remove_members"`
	Refused          int `json:"refused"`
	Held             int `json:"held"`
	Removals         int `json:"removals"`
	Additions        int `json:"additions"`
	NewAdmins        int `json:"new_admins"` // promoted, or arriving as one; what --allow-promotions takes
	SeatsTaken       int `json:"seats_taken"`
	SeatsFreed       int `json:"seats_freed"`
	UnmanagedMembers int `json:"unmanaged_members"`
	UnmanagedTeams   int `json:"unmanaged_teams"`
}
