package import NIOCore

/// A connection of a server, as its registry ends it. All but `loop` is called on that loop.
package protocol ServedConnection: AnyObject, Sendable {
    /// Where it lives.
    var loop: any EventLoop { get }
    /// Ends as soon as what it has taken is answered.
    func drain()
    /// Cancels its running handlers.
    func cancelHandlers()
    /// Closes it as it is.
    func close()
}
