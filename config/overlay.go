package config

import "github.com/spf13/viper"

// overlay stacks the layers: flag over environment over file over default.
//
// viper does the stacking and nothing else. It is given whole keys under a
// delimiter that no key has, and values it cannot look into: so it neither
// lower-cases nor splits nor converts anything, and every key is known to it
// by name. Its own reading of variables sees the process's environment only,
// which a sealed run must not, so the environment is merged over the file.
type overlay struct{ v *viper.Viper }

func stack(defaults, file, environment, flags layer) (overlay, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter("\x00"))
	for path, g := range defaults {
		v.SetDefault(path, g)
	}
	for _, l := range []layer{file, environment} {
		if err := v.MergeConfigMap(l.opaque()); err != nil {
			return overlay{}, err
		}
	}
	for path, g := range flags {
		v.Set(path, g)
	}
	return overlay{v}, nil
}

func (l layer) opaque() map[string]any {
	m := make(map[string]any, len(l))
	for path, g := range l {
		m[path] = g
	}
	return m
}

// get gives the value that counts.
func (o overlay) get(path string) *given {
	g, _ := o.v.Get(path).(*given)
	return g
}
