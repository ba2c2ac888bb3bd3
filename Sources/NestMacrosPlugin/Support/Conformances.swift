import SwiftSyntax
import SwiftSyntaxBuilder

/// Extensions that add conformances and nothing else.
enum Conformances {
    /// `extension Orders: NestMessaging.Controller {}` with those of the protocols that the compiler found missing;
    /// nothing when the user wrote them all.
    static func extend(
        _ type: some TypeSyntaxProtocol, with protocols: [String], missing: [TypeSyntax]
    ) -> [ExtensionDeclSyntax] {
        let names = missing.map { lastName($0.trimmedDescription) }
        let added = protocols.filter { names.contains(lastName($0)) }
        guard !added.isEmpty else { return [] }
        let code: DeclSyntax = "extension \(type.trimmed): \(raw: added.joined(separator: ", ")) {}"
        return code.as(ExtensionDeclSyntax.self).map { [$0] } ?? []
    }

    private static func lastName(_ name: String) -> String {
        name.split(separator: ".").last.map(String.init) ?? name
    }
}
