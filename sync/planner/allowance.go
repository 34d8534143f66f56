package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	core "scim-sync/sync"
)

func (v *review) allowedRemovals() allowance {
	return allowance{"--allow-removals", v.in.Options.AllowRemovals, v.removals(), "removals", v.removalParts().words()}
}

func (v *review) allowedAdditions() allowance {
	n := 0
	for i := range v.steps {
		switch v.steps[i].Action {
		case core.Provision, core.Reactivate:
			n++
		}
	}
	return allowance{"--allow-additions", v.in.Options.AllowAdditions, n, "additions", ""}
}

func (v *review) allowedPromotions() allowance {
	return allowance{"--allow-promotions", v.in.Options.AllowPromotions, v.newAdmins(), "new admins", ""}
}

func (v *review) allowedEmailChanges() allowance {
	return allowance{"--allow-email-changes", v.in.Options.AllowEmailChanges, v.emailChanges(), "changes of address", ""}
}

// refusal is what a wrong number comes to.
func (a allowance) refusal(v *review) (r ruling) {
	r.refuse(a.flag, fmt.Sprintf("%d %s were allowed, but the plan has %d", *a.given, a.what, a.n), "Look at the plan again. If it is right: "+a.command(v))
	return r
}

// command is the run in hand with the flag that lifts the caps, where there is
// anything to allow.
func (a allowance) command(v *review) string { return commandWith(v, a) }

// commandWith is the run in hand with the flags that lift several caps.
func commandWith(v *review, all ...allowance) string {
	words := []string{applyCommand(v.in.Options)}
	for _, a := range all {
		if a.n > 0 {
			words = append(words, a.flag, strconv.Itoa(a.n))
		}
	}
	o := offer{strings.Join(words, " "), all}
	v.offered = append(v.offered, o)
	return o.command
}

// oneCommand has each refusal of the whole run name the same command, with all the
// flags that the plan needs: with fewer the next rail would refuse it.
func (v *review) oneCommand() {
	var all []allowance
	for _, a := range []allowance{v.allowedRemovals(), v.allowedAdditions(), v.allowedPromotions(), v.allowedEmailChanges()} {
		if a.lifts() { // it is needed the next time as well
			all = append(all, a)
		}
	}
	for _, o := range v.offered {
		for _, a := range o.lifts {
			if a.n > 0 && v.offers(o.command) && !slices.ContainsFunc(all, func(b allowance) bool { return a.flag == b.flag }) {
				all = append(all, a)
			}
		}
	}
	if len(all) == 0 || len(all) == 1 && all[0].made == "" {
		return
	}
	counted := make([]string, len(all))
	for i, a := range all {
		if counted[i] = fmt.Sprintf("%d %s", a.n, a.what); a.made != "" {
			counted[i] += " = " + a.made
		}
	}
	offered := slices.Clone(v.offered)
	slices.SortStableFunc(offered, func(a, b offer) int { return cmp.Compare(len(b.command), len(a.command)) })
	whole := commandWith(v, all...) + " (" + strings.Join(counted, ", ") + ")"
	for i := range v.refusals {
		r := &v.refusals[i]
		at := slices.IndexFunc(offered, func(o offer) bool { return strings.Contains(r.Remedy, o.command) })
		if r.Reach == core.ReachRun && at >= 0 {
			r.Remedy = strings.Replace(r.Remedy, offered[at].command, whole, 1)
		}
	}
}

// offers says whether a refusal of the whole run names a command.
func (v *review) offers(command string) bool {
	return slices.ContainsFunc(v.refusals, func(r core.Refusal) bool {
		return r.Reach == core.ReachRun && strings.Contains(r.Remedy, command)
	})
}

// applyCommand is the run in hand as a command, with the saved plan and --only
// where they were given: what is allowed is that one's number.
func applyCommand(o Options) string {
	s := "scim-sync apply"
	if o.File != "" {
		s += " " + core.Quote(o.File)
	}
	if o.Only != "" {
		s += " --only " + core.Quote(o.Only)
	}
	return s
}

// emailChanges counts those who would get another address.
func (v *review) emailChanges() (n int) {
	for i := range v.steps {
		if v.steps[i].ChangesAddress() {
			n++
		}
	}
	return n
}
