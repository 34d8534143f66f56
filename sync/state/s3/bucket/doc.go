// Package bucket reads and writes single objects below a prefix, each under a
// condition on what it replaces, and finds out what became of a request whose
// answer was lost. It knows where keys come from and how a server has to answer;
// what the objects are for is the business of the room above.
package bucket
