package import Logging
package import NIOSSL
import Synchronization

/// The TLS context of one side, made anew when the files behind it have changed: certificates are exchanged without a
/// restart, and connections that are open keep theirs.
package final class TLSContextSource: Sendable {
    package typealias Make = @Sendable (TLSOptions) throws(TransportError) -> NIOSSLContext

    private struct State {
        var context: NIOSSLContext
        var stamps: [FileStamp?]
        /// Files that could not be used, as they were then.
        var refused: [FileStamp?]?
    }

    private let options: TLSOptions
    private let transport: String
    private let make: Make
    private let logger: Logger
    private let paths: [String]
    private let state: Mutex<State>

    /// Reads the files for the first time. Throws `invalid_configuration` when they cannot be used.
    package init(
        _ options: TLSOptions, transport: String, logger: Logger, make: @escaping Make
    ) throws(TransportError) {
        self.options = options
        self.transport = transport
        self.logger = logger
        self.make = make
        let paths = [options.certificateAuthority, options.certificate, options.privateKey].compactMap { $0?.path }
        self.paths = paths
        // Before the files are read: what changes meanwhile is seen as a change.
        let stamps = paths.map(FileStamp.init)
        state = Mutex(State(context: try make(options), stamps: stamps))
    }

    /// The context for a new connection. Files that are being exchanged and do not fit together yet are looked at again
    /// for the next one; until then the old context serves.
    package func context() -> NIOSSLContext {
        let stamps = paths.map(FileStamp.init)
        let (context, refusal) = state.withLock { refresh(&$0, stamps) }
        if let refusal {
            logger.warning(
                "the changed TLS files cannot be used, going on with the old ones",
                metadata: [LogKey.transport: .string(transport), LogKey.error: .string("\(refusal)")])
        }
        return context
    }

    /// The context to use, and why the files as they are now cannot be: once.
    private func refresh(_ state: inout State, _ stamps: [FileStamp?]) -> (NIOSSLContext, TransportError?) {
        guard stamps != state.stamps else { return (state.context, nil) }
        do throws(TransportError) {
            state.context = try make(options)
            state.stamps = stamps
            return (state.context, nil)
        } catch {
            defer { state.refused = stamps }
            return (state.context, state.refused == stamps ? nil : error)
        }
    }
}
