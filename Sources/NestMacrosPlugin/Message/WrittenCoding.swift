import SwiftSyntax

/// What a message's body has of reading and writing already.
struct WrittenCoding {
    /// `init(from reader: inout JSONReader)`.
    let reading: InitializerDeclSyntax?
    /// `func write(to writer: inout JSONWriter)`.
    let writing: FunctionDeclSyntax?

    /// Reports a `Codable` written by hand: `@Message` would go past it.
    init(in type: AnnotatedType, reporting problems: inout Problems) {
        let inits = type.members.compactMap { $0.as(InitializerDeclSyntax.self) }
        let functions = type.members.compactMap { $0.as(FunctionDeclSyntax.self) }
        reading = inits.first { $0.signature.takes("from", "JSONReader") }
        writing = functions.first { $0.name.text == "write" && $0.signature.takes("to", "JSONWriter") }
        if reading == nil, let other = inits.first(where: { $0.signature.takes("from", "Decoder") }) {
            problems.error(
                at: other.initKeyword,
                "@Message would read JSON without this init: remove @Message, or remove the init")
        }
        let encode = functions.first { $0.name.text == "encode" && $0.signature.takes("to", "Encoder") }
        if writing == nil, let encode {
            problems.error(
                at: encode.name, "@Message would write JSON without this method: remove @Message, or remove the method")
        }
    }
}

extension FunctionSignatureSyntax {
    /// True for one parameter with this label, of a type with this name: `any Decoder`, `inout NestJSON.JSONReader`.
    fileprivate func takes(_ label: String, _ typeName: String) -> Bool {
        let parameters = parameterClause.parameters
        guard parameters.count == 1, let parameter = parameters.first, parameter.firstName.text == label else {
            return false
        }
        return parameter.type.lastToken(viewMode: .sourceAccurate)?.text == typeName
    }
}
