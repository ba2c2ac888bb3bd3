/// A stream that is being sent, and what its reader may say about it.
@usableFromInline
package struct OpenStream: Sendable {
    package let credit: StreamCredit
    package let run: Int
    package let message: IncomingMessage
    /// Nothing was sent since it was last looked at.
    package var isQuiet = false
}
