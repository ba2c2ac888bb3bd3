package import NIOCore

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#else
    package import Darwin
#endif

/// Something a ``PollLoop`` looks after: a connection's socket. Everything here is called on the loop.
package protocol PolledSource: AnyObject {
    /// What to wait for; the descriptor -1 stands for nothing.
    var interest: pollfd { get }
    /// The loop wakes then, and gives the source its ``turn()``; nil: there is nothing to wake for.
    var deadline: NIODeadline? { get }
    /// Something was found. What has come is to be read and served.
    func found(_ events: Int16)
    /// Comes once in each turn of the loop, before it sleeps: writes what waits, takes what lies in a buffer already, does
    /// what is due.
    func turn()
}

extension PolledSource {
    package var deadline: NIODeadline? { nil }
}
