package import NIOCore

/// What calls made inside a handler inherit from the message it handles.
package enum InheritedCall {
    /// When the handler's own caller stops waiting.
    @TaskLocal package static var deadline: NIODeadline?
}
