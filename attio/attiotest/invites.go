package attiotest

import (
	"net/http"
	"strings"
)

// routeInvites serves the page an invite's email leads to.
func (s *Server) routeInvites() {
	s.mux.HandleFunc("GET /invites/{link}", s.invitePage)
	s.mux.HandleFunc("POST /invites/{link}", s.answerInvite)
}

// findInvite looks a link up in all workspaces.
func (s *Server) findInvite(r *http.Request) (*workspace, *inviteEnd) {
	for _, ws := range s.world.workspaces {
		if end := ws.invites[r.PathValue("link")]; end != nil {
			return ws, end
		}
	}
	return nil, nil
}

func (s *Server) invitePage(w http.ResponseWriter, r *http.Request) {
	ws, end := s.findInvite(r)
	if ws == nil || end.person == nil {
		s.invitePast(w, ws, end)
		return
	}
	s.pages.Show(w, http.StatusOK, "invite", "'self'", map[string]any{
		"Workspace": ws.Name, "Email": end.person.email, "Name": strings.TrimSpace(end.person.given + " " + end.person.family),
		"Admin": end.person.role == RoleAdmin,
	})
}

func (s *Server) invitePast(w http.ResponseWriter, ws *workspace, end *inviteEnd) {
	switch {
	case end == nil:
		s.pages.Message(w, http.StatusNotFound, "No such invite", "This link does not belong to an invite.")
	case end.why == "accepted":
		s.pages.Message(w, http.StatusGone, "Already accepted", end.email+" has joined "+ws.Name+".")
	default:
		s.pages.Message(w, http.StatusGone, "This invite is over", "It was "+end.why+". Ask an admin of "+ws.Name+" for a new one.")
	}
}

func (s *Server) answerInvite(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	ws, end := s.findInvite(r)
	if ws == nil || end.person == nil {
		s.invitePast(w, ws, end)
		return
	}
	p := end.person
	if r.PostForm.Get("action") == "accept" {
		s.world.accept(ws, p)
		s.world.startSession(ws, p)
		s.pages.Message(w, http.StatusOK, "Welcome to "+ws.Name, p.email+" is a member of the workspace now. You can close this page.")
		return
	}
	s.world.endInvite(ws, p, "declined")
	s.pages.Message(w, http.StatusOK, "Invite declined", "You have not joined "+ws.Name+". You can close this page.")
}
