import SwiftSyntax

/// The keys of a message: its properties' names, or what a `CodingKeys` in its body says, as `Codable` has it.
struct MessageKeys {
    /// The code of the key by the property's name; nil when there are no `CodingKeys`.
    private var literals: [String: String]?

    init(of type: AnnotatedType, reporting problems: inout Problems) {
        if let hidden = type.conditionalMembers.first(where: \.isCodingKeys) {
            problems.error(
                at: hidden, "CodingKeys inside #if are not seen by @Message: write them out of it, for all conditions")
        }
        guard let keys = type.members.first(where: \.isCodingKeys) else { return }
        guard let list = keys.as(EnumDeclSyntax.self) else {
            problems.error(
                at: keys, "@Message reads the cases of CodingKeys: write `enum CodingKeys: String, CodingKey` here")
            return
        }
        var literals: [String: String] = [:]
        for element in list.caseElements {
            element.checkRawValue(reporting: &problems)
            let name = element.name.plainText
            literals[name] = element.stringRawValue?.trimmedDescription ?? "\"\(name)\""
        }
        self.literals = literals
    }

    /// Nil when the property is left out.
    func literal(of property: StoredProperty) -> String? {
        guard let literals else { return "\"\(property.name.plainText)\"" }
        return literals[property.name.plainText]
    }
}

extension DeclSyntax {
    /// True for anything that is called `CodingKeys`.
    fileprivate var isCodingKeys: Bool { asProtocol((any NamedDeclSyntax).self)?.name.text == "CodingKeys" }
}

extension EnumDeclSyntax {
    fileprivate var caseElements: [EnumCaseElementSyntax] {
        memberBlock.members.compactMap { $0.decl.as(EnumCaseDeclSyntax.self) }.flatMap(\.elements)
    }
}

extension EnumCaseElementSyntax {
    fileprivate var stringRawValue: StringLiteralExprSyntax? { rawValue?.value.as(StringLiteralExprSyntax.self) }

    fileprivate func checkRawValue(reporting problems: inout Problems) {
        guard let literal = rawValue?.value, let key = literal.stringValue,
            key.unicodeScalars.contains(where: \.needsEscape)
        else { return }
        problems.error(
            at: literal,
            "@Message writes keys as they are, and this one needs escapes in JSON: "
                + "take another, or leave the type to Codable without @Message")
    }
}

extension Unicode.Scalar {
    fileprivate var needsEscape: Bool { value < 0x20 || self == "\"" || self == "\\" }
}
