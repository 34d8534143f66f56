package planner

import (
	"context"
	"fmt"

	"scim-sync/attio"
	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// members has Attio confirm that people and invites are gone which its list
// leaves out. One that is there after all is taken from that answer.
func (a asker) members(ctx context.Context, ids []string) error {
	found := make([]*attio.Member, len(ids))
	g, gctx := group.WithContext(ctx)
	g.SetLimit(askedAtOnce)
	for i, id := range ids {
		g.Go(func() error {
			m, err := a.r.Member(gctx, id)
			switch {
			case attio.Is(err, attio.Gone), err == nil && m.ID != id: // an accepted invite's id may still lead to the member
				return nil
			case err != nil:
				return fmt.Errorf("look for %s, whom Attio's list leaves out: %w", id, err)
			}
			found[i] = &m
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	list := append([]attio.Member(nil), a.in.Workspace.Members...)
	for i, id := range ids {
		a.in.Answers.MembersGone[id] = true
		if found[i] != nil {
			list = withLeftOut(list, *found[i])
		}
	}
	a.in.Workspace.Members = list
	return nil
}

// withLeftOut adds somebody whom SCIM's list left out. Whoever has joined stands
// in the REST list as well: nobody there of the address means a pending invite.
func withLeftOut(list []attio.Member, m attio.Member) []attio.Member {
	for i := range list {
		if at := &list[i]; at.ID == "" && attio.FoldEmail(at.Email) == attio.FoldEmail(m.Email) {
			at.ID, at.Profile = m.ID, at.Merge(m.Profile)
			return list
		}
	}
	if m.Status == attio.Active {
		m.Status = attio.Invited
	}
	return append(list, m)
}

// believable is an error where the REST list knows so many active members whom
// SCIM's leaves out that nothing follows from who is not in that one.
func believable(ws attio.Workspace) error {
	joined, missing := 0, []string{}
	for _, m := range ws.Members {
		if m.Status != attio.Active || m.RestID == "" {
			continue
		}
		if joined++; m.ID == "" {
			missing = append(missing, m.Email)
		}
	}
	if !tooManyMissing(len(missing), joined) {
		return nil
	}
	return &core.UntrustedError{
		Detail: fmt.Sprintf("Attio's SCIM list leaves out %d of the %d active members that the workspace's own list has: %s", len(missing), joined, core.Few(missing)),
		Advice: "Nothing was written. Run again later; if it stays so, tell Attio's support which of the two lists is short.",
	}
}

// tooManyMissing says whether a list that lacks so many of those known is not to
// be trusted.
func tooManyMissing(missing, known int) bool { return missing > 5 && missing*20 > known }
