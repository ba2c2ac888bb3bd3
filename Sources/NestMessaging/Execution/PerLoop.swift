package import NIOCore

/// Something of its own for each event loop of a group.
package struct PerLoop<Value: Sendable>: Sendable {
    private let values: [ObjectIdentifier: Value]
    private let make: @Sendable (any EventLoop) -> Value

    /// Makes all of them.
    package init(_ group: any EventLoopGroup, _ make: @escaping @Sendable (any EventLoop) -> Value) {
        let loops = Array(group.makeIterator())
        values = Dictionary(loops.map { (ObjectIdentifier($0), make($0)) }) { first, _ in first }
        self.make = make
    }

    /// The loop's; a new one for a loop of another group.
    package subscript(loop: any EventLoop) -> Value { values[ObjectIdentifier(loop)] ?? make(loop) }
}
