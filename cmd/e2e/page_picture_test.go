package e2e

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPictureOfThePageShowsWhatItSays: the pictures in README.md of a plan as a page
// are of the page that the program writes today, by its words, which each picture
// has with it. With SCIM_SYNC_SCREENSHOTS=docs they are made again, in Chromium.
func TestPictureOfThePageShowsWhatItSays(t *testing.T) {
	program := &signInStage{env: []string{"HOME=" + t.TempDir(), "GORACE=" + noSleep, worldVariable + "=" + filepath.Join(root, "testdata", "worlds", "picture.yaml")}}
	code, page := program.start(t, "plan", "--sandbox", "--quiet", "--format", "html").end(t)
	if code != 0 {
		t.Fatalf("plan ended with %d: %s", code, page)
	}
	words := wordsOf(page)
	if screenshots() != "" {
		photograph(t, page, words)
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		file := filepath.Join(root, "docs", "page-"+scheme+".png")
		picture, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(picture, textChunk(words)) {
			t.Errorf("%s is of another page than the program writes now; make it again as CONTRIBUTING.md says. The page:\n%s", file, words)
		}
		if len(picture) > 150_000 {
			t.Errorf("%s has %d bytes: too many to look at in a README", file, len(picture))
		}
	}
}

// wordsOf are the words of a page, without its style, its script and its markup, and
// without the times at which it was made.
func wordsOf(page string) string {
	page = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]*Z|\bTook [^.]*\.`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<!--.*?-->`).ReplaceAllString(page, "")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

// photograph makes the pictures: the page down to the drawing of teams.
func photograph(t *testing.T, page, words string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	b.devtools(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": 920, "height": 1200, "deviceScaleFactor": 2, "mobile": false})
	b.open(t, "file://"+file)
	var height int
	b.run(t, "return Math.ceil(document.querySelector('#find').getBoundingClientRect().top + scrollY) - 10", &height)
	for _, scheme := range []string{"light", "dark"} {
		b.devtools(t, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
		var shot struct{ Data []byte }
		b.ask(t, "POST", "/goog/cdp/execute", map[string]any{"cmd": "Page.captureScreenshot", "params": map[string]any{
			"clip": map[string]any{"x": 0, "y": 0, "width": 920, "height": height, "scale": 1},
		}}, &shot)
		picture := withWords(fewColours(t, shot.Data), words)
		if err := os.WriteFile(filepath.Join(screenshots(), "page-"+scheme+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// fewColours is the picture with a palette, which halves it: a page has few colours.
// With more than a palette holds, the rarest become the nearest of the others.
func fewColours(t *testing.T, picture []byte) []byte {
	t.Helper()
	whole, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	bounds, often := whole.Bounds(), map[color.Color]int{}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			often[whole.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(often), func(a, b color.Color) int { return often[b] - often[a] })
	few := image.NewPaletted(bounds, colours[:min(len(colours), 256)])
	draw.Draw(few, bounds, whole, bounds.Min, draw.Src)
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, few); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withWords puts the words into the picture, after its header.
func withWords(picture []byte, words string) []byte {
	const header = 8 + 4 + 4 + 13 + 4 // the signature, and the chunk IHDR
	return slices.Concat(picture[:header], textChunk(words), picture[header:])
}

// textChunk is a chunk of text in UTF-8 (https://www.w3.org/TR/png-3/#11iTXt).
func textChunk(words string) []byte {
	body := []byte("iTXt" + "Description\x00" + "\x00\x00" + "en\x00" + "\x00" + words)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	return binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
}
