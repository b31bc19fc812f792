package script

import "context"

// forgetting notes what names there are the first time, and removes all others the next times. The note is a property that scripts do not come upon by its name.
const forgetting = `const noted = Symbol.for("hgrun.names");
const names = Object.getOwnPropertyNames(globalThis);
if (!globalThis[noted]) Object.defineProperty(globalThis, noted, { value: new Set(names) });
for (const name of names) if (!globalThis[noted].has(name)) delete globalThis[name];`

// Forget removes what scripts have set without declaring it, so that those of another round find none of it. It is called before the first script too.
// What a script has changed of the built-in objects stays.
func (v *VM) Forget(ctx context.Context) {
	if out := v.Run(ctx, Script{Text: forgetting}, &Event{}); len(out.Errors) > 0 {
		v.Close()
	}
}
