/// What can go wrong with an application's objects once its wiring is right; for the wiring see ``WiringError``.
public struct ApplicationError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. Open: compare with the constants, expect others.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code's name.
        public let rawValue: String
        /// A code by its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Nothing of that type and name can be seen from where it was asked for.
        public static let notFound = Code(rawValue: "not_found")
        /// Asked for a scope that cannot be had this way: `get` of a request-scoped provider, a request's value
        /// outside a request.
        public static let wrongScope = Code(rawValue: "wrong_scope")
        /// Objects that need each other to be made, through dependencies that they did not declare.
        public static let circular = Code(rawValue: "circular")
        /// A provider was asked for before it was made.
        public static let notReady = Code(rawValue: "not_ready")
        /// A provider's factory threw; the cause is its error.
        public static let constructionFailed = Code(rawValue: "construction_failed")
        /// A provider is not of the type it is registered as.
        public static let wrongType = Code(rawValue: "wrong_type")
        /// A lifecycle hook threw on the way up; the cause is its error.
        public static let hookFailed = Code(rawValue: "hook_failed")
        /// The application, or the request, is over.
        public static let closed = Code(rawValue: "closed")
        /// `run()` was called a second time.
        public static let alreadyRunning = Code(rawValue: "already_running")
        /// A ``Secret`` could not be read.
        public static let secretUnavailable = Code(rawValue: "secret_unavailable")
    }

    /// What kind of failure it is.
    public var code: Code
    /// For people: names the provider, its module and what to do.
    public var message: String
    /// The error behind it, such as the one that a factory threw.
    public var cause: (any Error)?

    /// An error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message, and the cause if there is one.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}
