package bucket

import (
	"net"
	"slices"
	"strings"
)

// environ are variables as NAME=value; of two with one name the last counts.
type environ []string

func (e environ) get(name string) string {
	for _, variable := range slices.Backward(e) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
