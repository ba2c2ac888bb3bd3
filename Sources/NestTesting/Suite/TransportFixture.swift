/// A transport under test, as configured: how the ``TransportSuite`` gets stages to play on, and what it may ask for.
public struct TransportFixture: Sendable, CustomStringConvertible {
    /// For test reports: `"tcp, mutual TLS"`.
    public var name: String
    /// What the configuration promises. Cases that need more are not run.
    public var guarantees: Guarantees
    /// True when its stages can cut connections.
    public var canCut: Bool
    /// Cases, by name, that do not apply, each with the reason.
    public var exempt: [String: String]
    let makeStage: @Sendable () async throws -> any TransportStage

    /// A fixture.
    ///
    /// - Parameters:
    ///   - name: For test reports.
    ///   - guarantees: What the configuration promises.
    ///   - canCut: True when its stages can cut connections.
    ///   - exempt: Cases, by name, that do not apply, each with the reason.
    ///   - makeStage: Makes a stage for one case, with nothing on it from another.
    public init(
        _ name: String, guarantees: Guarantees, canCut: Bool = false, exempt: [String: String] = [:],
        makeStage: @escaping @Sendable () async throws -> any TransportStage
    ) {
        self.name = name
        self.guarantees = guarantees
        self.canCut = canCut
        self.exempt = exempt
        self.makeStage = makeStage
    }

    /// The name.
    public var description: String { name }
}

extension TransportFixture {
    /// The transport inside the process.
    public static var memory: TransportFixture {
        let guarantees = MemoryTransport(MemoryBus()).guarantees
        return TransportFixture("memory", guarantees: guarantees) { MemoryStage() }
    }
}

/// A bus of its own.
private struct MemoryStage: TransportStage {
    let bus = MemoryBus()

    func serverTransport(at endpoint: Endpoint?) -> any Transport { MemoryTransport(bus) }
    func clientTransport(to endpoint: Endpoint?) -> any Transport { MemoryTransport(bus) }
    func deadLetters(atLeast count: Int) async -> [MessageHeaders] {
        await bus.deadLetters(atLeast: count).map(\.headers)
    }
}
