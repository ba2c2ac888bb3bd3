import SwiftSyntax

/// A stored property as a member of the JSON object.
struct MessageField {
    /// As it is written, with backticks if it has them.
    let name: String
    /// The code of its key, a string literal.
    let key: String
    /// Nil for a constant with a value: it is written and never read.
    let type: UnwrappedType?

    /// `var sku: String?`, what was read so far.
    func local(indentedBy indent: String) -> String? { type.map { "\(indent)var \(name): \($0.optional)" } }

    /// `reader.value(String.self, for: "sku")`
    func read(from reader: String) -> String? {
        type.map { "\(reader).\($0.isOptional ? "optionalValue" : "value")(\($0.metatype), for: \(key))" }
    }

    /// `reader.require(sku, "sku")`; for an optional what was read, be it nothing.
    func result(from reader: String) -> String? {
        type.map { $0.isOptional ? name : "\(reader).require(\(name), \(key))" }
    }
}
