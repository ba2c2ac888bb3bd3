/// Called once every singleton has been made. Dependencies are called before those that need them, imported modules
/// before those that import them.
///
/// An error ends the start: everything initialised so far is shut down again.
public protocol OnModuleInit: Sendable {
    /// Prepares the object, before anything is served.
    func onModuleInit() async throws
}

/// Called after the last ``OnModuleInit``, in the same order, before anything listens.
public protocol OnApplicationBootstrap: Sendable {
    /// Does what needs all other objects initialised.
    func onApplicationBootstrap() async throws
}

/// Called first when the application goes down, while it still answers. Those who need others go before them. An error
/// is logged and stops nobody.
public protocol BeforeApplicationShutdown: Sendable {
    /// - Parameter signal: The signal that ended the application, such as `"SIGTERM"`; nil when it is not known.
    func beforeApplicationShutdown(_ signal: String?) async throws
}

/// Called when the application has stopped listening and its last message is answered. Those who need others go before
/// them. An error is logged and stops nobody.
public protocol OnModuleDestroy: Sendable {
    /// Finishes what the object has begun.
    func onModuleDestroy() async throws
}

/// Called last, after every ``OnModuleDestroy``: the place to close connections. Those who need others go before them.
/// An error is logged and stops nobody.
public protocol OnApplicationShutdown: Sendable {
    /// - Parameter signal: The signal that ended the application, such as `"SIGTERM"`; nil when it is not known.
    func onApplicationShutdown(_ signal: String?) async throws
}
