/// Tells the coding key type of dictionaries, which has no public name: key strategies leave its keys alone.
enum DictionaryKeys {
    static func isKey(_ type: (some CodingKey).Type) -> Bool { ObjectIdentifier(type) == keyType }

    /// Asked of a dictionary once.
    private static let keyType: ObjectIdentifier? = {
        let probe = Probe()
        _ = try? [String: Bool](from: probe)
        return probe.asked
    }()

    private final class Probe: Decoder {
        var asked: ObjectIdentifier?
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
            asked = ObjectIdentifier(type)
            throw CancellationError()
        }

        func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw CancellationError() }

        func singleValueContainer() throws -> any SingleValueDecodingContainer { throw CancellationError() }
    }
}
