package script

import (
	"errors"
	"reflect"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libquickjs"
	"modernc.org/quickjs"
)

// rejections are the promises of a script that were rejected and that nobody awaits. The Go binding of the engine has no word for them, so the engine
// below it is asked; whatever of the binding this leans on is looked up by name, and missing names are an error when a VM opens, not a crash later.
type rejections struct {
	tls     *libc.TLS
	context uintptr
	open    []rejection
	tracker func(tls *libc.TLS, context uintptr, promise, reason libquickjs.TJSValue, handled int32, opaque uintptr)
}

type rejection struct{ promise, reason libquickjs.TJSValue }

func (r *rejections) watch(js *quickjs.VM) error {
	vm := reflect.ValueOf(js).Elem()
	context, runtime := vm.FieldByName("cContext"), vm.FieldByName("runtime")
	if !context.IsValid() || runtime.Kind() != reflect.Pointer {
		return errors.New("the binding of the script engine is not the one that this was written for")
	}
	handle, tls := runtime.Elem().FieldByName("cRuntime"), runtime.Elem().FieldByName("tls")
	if !handle.IsValid() || tls.Kind() != reflect.Pointer {
		return errors.New("the binding of the script engine is not the one that this was written for")
	}
	r.tls, r.context = (*libc.TLS)(tls.UnsafePointer()), uintptr(context.Uint())
	r.tracker = r.track
	libquickjs.XJS_SetHostPromiseRejectionTracker(r.tls, uintptr(handle.Uint()), *(*uintptr)(unsafe.Pointer(&r.tracker)), 0)
	return nil
}

// track is called by the engine when a promise is rejected that has no handler, and when it gets one after all.
func (r *rejections) track(_ *libc.TLS, _ uintptr, promise, reason libquickjs.TJSValue, handled int32, _ uintptr) {
	if handled == 0 {
		r.open = append(r.open, rejection{libquickjs.XDupValue(r.tls, r.context, promise), libquickjs.XDupValue(r.tls, r.context, reason)})
		return
	}
	for i, open := range r.open {
		if open.promise == promise {
			r.open = append(r.open[:i], r.open[i+1:]...)
			r.free(open)
			return
		}
	}
}

// next puts the reason of the next rejection where the function rejected of js/core.js finds it.
func (r *rejections) next() bool {
	if len(r.open) == 0 {
		return false
	}
	first := r.open[0]
	r.open = r.open[1:]
	name, err := libc.CString("__reason")
	if err != nil {
		return false
	}
	defer libc.Xfree(r.tls, name)
	global := libquickjs.XJS_GetGlobalObject(r.tls, r.context)
	libquickjs.XJS_SetPropertyStr(r.tls, r.context, global, name, libquickjs.XDupValue(r.tls, r.context, first.reason))
	libquickjs.XFreeValue(r.tls, r.context, global)
	r.free(first)
	return true
}

func (r *rejections) forget() {
	for _, open := range r.open {
		r.free(open)
	}
	r.open = nil
}

func (r *rejections) free(one rejection) {
	libquickjs.XFreeValue(r.tls, r.context, one.promise)
	libquickjs.XFreeValue(r.tls, r.context, one.reason)
}
