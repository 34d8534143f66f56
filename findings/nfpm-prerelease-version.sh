#!/usr/bin/env bash
#
# nfpm: a pre-release becomes a version that Alpine does not take, and on Arch the
# very version of the release.
#
# Expected: from one semver version, each format gets a version of its own grammar
#   that sorts before the release, or nfpm says that it cannot.
# Happens, without an error: in an apk, 1.2.3-rc.1 is 1.2.3_rc.1, where Alpine's
#   grammar has no dot after the name of the suffix; build metadata goes behind the
#   revision, where nothing may follow. In an Arch package without an epoch the
#   pre-release stands in the file's name only: inside, rc.1 says that it is 1.2.3-1.
#   deb comes out well.
# A packager should: tag rc1, without the dot; give Arch a version of its own
#   (version schema "none"), and read the version back out of each package before
#   it is published.
# Concerns us: packages of a command line tool are made from the tag, and the first
#   pre-release meets this. The build is green; the apk is not taken, and pacman sees
#   no difference between the pre-release and the release, so it upgrades nobody.
# Judge of Alpine's grammar: go-apk-version, which follows apk-tools' own rules.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly

cat >main.go <<'GO'
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/apk"
	"github.com/goreleaser/nfpm/v2/arch"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/klauspost/compress/zstd"
	apkversion "github.com/knqyf263/go-apk-version"
)

func tool(version string) *nfpm.Info {
	return nfpm.WithDefaults(&nfpm.Info{
		Name: "fernwood-tool", Arch: "amd64", Version: version, Release: "1",
		Maintainer: "Ada <ada@fernwood.example>", Description: "a tool",
	})
}

// written makes the package and gives the pkgver that stands inside.
func written(p nfpm.Packager, info *nfpm.Info, unpack func(io.Reader) (io.Reader, error)) string {
	var made bytes.Buffer
	if err := p.Package(info, &made); err != nil {
		log.Fatal(err)
	}
	plain, err := unpack(&made)
	if err != nil {
		log.Fatal(err)
	}
	files := tar.NewReader(plain)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			log.Fatal("no .PKGINFO in the package")
		}
		if err != nil {
			log.Fatal(err)
		}
		if header.Name != ".PKGINFO" {
			continue
		}
		lines := bufio.NewScanner(files)
		for lines.Scan() {
			if v, is := strings.CutPrefix(lines.Text(), "pkgver = "); is {
				return v
			}
		}
		log.Fatal("no pkgver in .PKGINFO")
	}
}

func gunzip(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }

func unzstd(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }

func main() {
	log.SetFlags(0)
	for _, version := range []string{"1.2.3", "1.2.3-rc1", "1.2.3-rc.1", "1.2.3+build7"} {
		alpine := written(apk.Default, tool(version), gunzip)
		fmt.Println(version)
		fmt.Printf("  deb  %s\n", deb.Default.ConventionalFileName(tool(version)))
		fmt.Printf("  apk  %s (by Alpine's grammar: %t)\n", alpine, apkversion.Valid(alpine))
		fmt.Printf("  arch %s, in %s\n", written(arch.Default, tool(version), unzstd),
			arch.Default.ConventionalFileName(tool(version)))
	}
	own := tool("1.2.3")
	own.Version = "1.2.3rc1" // as with the version schema "none"
	own.VersionSchema = "none"
	fmt.Printf("a version of its own\n  arch %s, in %s\n", written(arch.Default, own, unzstd),
		arch.Default.ConventionalFileName(own))
}
GO
{
	go mod init throwaway &&
		timeout 100 go get github.com/goreleaser/nfpm/v2/{apk,arch,deb}@v2.48.0 \
		github.com/knqyf263/go-apk-version@v0.0.0-20200609155635-041fdbb8563f &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m github.com/goreleaser/nfpm/v2 github.com/knqyf263/go-apk-version

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
1.2.3
  deb  fernwood-tool_1.2.3-1_amd64.deb
  apk  1.2.3-r1 (by Alpine's grammar: true)
  arch 1.2.3-1, in fernwood-tool-1.2.3-1-x86_64.pkg.tar.zst
1.2.3-rc1
  deb  fernwood-tool_1.2.3~rc1-1_amd64.deb
  apk  1.2.3_rc1-r1 (by Alpine's grammar: true)
  arch 1.2.3-1, in fernwood-tool-1.2.3rc1-1-x86_64.pkg.tar.zst
1.2.3-rc.1
  deb  fernwood-tool_1.2.3~rc.1-1_amd64.deb
  apk  1.2.3_rc.1-r1 (by Alpine's grammar: false)
  arch 1.2.3-1, in fernwood-tool-1.2.3rc.1-1-x86_64.pkg.tar.zst
1.2.3+build7
  deb  fernwood-tool_1.2.3+build7-1_amd64.deb
  apk  1.2.3-r1-pbuild7 (by Alpine's grammar: false)
  arch 1.2.3-1, in fernwood-tool-1.2.3-1-x86_64.pkg.tar.zst
a version of its own
  arch 1.2.3rc1-1, in fernwood-tool-1.2.3rc1-1-x86_64.pkg.tar.zst
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
