//go:build race

package attiotest_test

const raceDetector = true
