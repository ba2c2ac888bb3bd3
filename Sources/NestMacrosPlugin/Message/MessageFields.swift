import SwiftDiagnostics
import SwiftSyntax

/// The members of a message's JSON object, in the order of its stored properties.
struct MessageFields {
    private(set) var all: [MessageField] = []
    /// Those that reading gives a value to.
    var read: [MessageField] { all.filter { $0.type != nil } }

    init(of type: AnnotatedType, reporting problems: inout Problems) {
        let keys = MessageKeys(of: type, reporting: &problems)
        for variable in type.conditionalMembers.compactMap({ $0.as(VariableDeclSyntax.self) }) {
            guard let property = StoredProperty.properties(of: variable).first else { continue }
            problems.error(
                at: property.name, "a stored property inside #if is not seen by @Message: write it out of the #if")
        }
        for variable in type.members.compactMap({ $0.as(VariableDeclSyntax.self) }) {
            let properties = StoredProperty.properties(of: variable)
            Self.check(variable, declaring: properties, reporting: &problems)
            all += properties.compactMap { Self.field($0, keys, reporting: &problems) }
        }
    }

    private static func field(
        _ property: StoredProperty, _ keys: MessageKeys, reporting problems: inout Problems
    ) -> MessageField? {
        let name = property.name.text
        guard let key = keys.literal(of: property) else {
            if !property.hasValue {
                problems.error(
                    at: property.name,
                    "`\(name)` is not in CodingKeys, so reading cannot set it: add `case \(name)`, or give it a value")
            }
            return nil
        }
        if property.isFixed { return MessageField(name: name, key: key, type: nil) }
        guard let type = property.type else {
            problems.error(
                at: property.name, "@Message reads by type: write `\(name): \(property.guessedType ?? "Type")`",
                fix: property.guessedType.map { .write($0, behind: property.name) })
            return nil
        }
        return MessageField(name: name, key: key, type: UnwrappedType(type))
    }

    /// A property wrapper is known by its capital letter, a macro sees no more of it.
    private static func check(
        _ variable: VariableDeclSyntax, declaring properties: [StoredProperty], reporting problems: inout Problems
    ) {
        if let tuple = variable.bindings.first(where: { $0.pattern.is(TuplePatternSyntax.self) }) {
            problems.error(at: tuple, "@Message reads by name: write a property for each part of the tuple")
        }
        guard !properties.isEmpty else { return }
        let attributes = variable.attributes.compactMap { $0.as(AttributeSyntax.self) }
        for attribute in attributes where attribute.shortName.first?.isUppercase == true {
            if attribute.shortName.hasSuffix("Actor") { continue }
            problems.error(
                at: attribute,
                "@Message does not see what @\(attribute.shortName) stores: "
                    + "remove the wrapper, or leave the type to Codable without @Message")
        }
    }
}

extension FixIt {
    fileprivate static func write(_ type: String, behind name: TokenSyntax) -> FixIt {
        .replace("add the type", name, with: name.with(\.tokenKind, .identifier("\(name.text): \(type)")))
    }
}
