/// Messages of an exchange that a queue gets.
struct BindingDeclaration: Sendable, Hashable {
    var queue: String
    var exchange: String
    var key: String
}
