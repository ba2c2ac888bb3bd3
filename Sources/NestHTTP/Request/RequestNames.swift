import Synchronization

/// Names for requests that came without one: unlike those of other processes, and unlike each other.
enum RequestNames {
    private static let process = String(UInt64.random(in: .min ... .max), radix: 16)
    private static let count = Atomic<UInt64>(0)

    static func next() -> String {
        "\(process)-\(String(count.wrappingAdd(1, ordering: .relaxed).newValue, radix: 16))"
    }
}
