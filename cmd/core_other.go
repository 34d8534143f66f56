//go:build !unix

package cmd

func noCore() {}
