/// What pipes have made of a request's parameters, before its handler asks for them.
///
/// `@unchecked Sendable`: written before the handler is called, and only read from then on.
final class PipedValues: @unchecked Sendable {
    private struct Key: Hashable {
        let place: InputFault.Place
        let name: String
    }

    private var values: [Key: Any] = [:]

    func set(_ value: Any, _ place: InputFault.Place, _ name: String) { values[Key(place: place, name: name)] = value }

    /// Nil when pipes have not seen it, or as another type.
    func value<Value>(_ place: InputFault.Place, _ name: String, as type: Value.Type) -> Value? {
        values[Key(place: place, name: name)] as? Value
    }
}
