// Package inner uses the package above, which is no arrow between its files.
package inner

import "tiny/sync"

// Wide has more fields than one keeps in mind.
type Wide struct {
	A, B, C, D, E, F, G, H, I, J, K, L, M, N, O int
	Plan                                        sync.Plan
}

// Document has as many, each with its key.
type Document struct {
	A int `json:"a"`
	B int `json:"b"`
	C int `json:"c"`
	D int `json:"d"`
	E int `json:"e"`
	F int `json:"f"`
	G int `json:"g"`
	H int `json:"h"`
	I int `json:"i"`
	J int `json:"j"`
	K int `json:"k"`
	L int `json:"l"`
	M int `json:"m"`
	N int `json:"n"`
	O int `json:"o"`
	P int `json:"p"`
}
