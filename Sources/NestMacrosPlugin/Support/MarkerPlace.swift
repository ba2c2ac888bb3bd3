import SwiftSyntax
import SwiftSyntaxMacros

/// Where a marker stands, seen from the marker.
struct MarkerPlace {
    private let marker: AttributeSyntax
    private let surrounding: Syntax?

    init(of marker: AttributeSyntax, in context: some MacroExpansionContext) {
        self.marker = marker
        surrounding = context.lexicalContext.first
    }

    /// Reports a marker that stands outside the body of a type with one of these attributes: no macro would see it.
    func isBody(ofTypesMarked owners: [String], reporting problems: inout Problems) {
        let wanted = owners.map { "@\($0)" }.joined(separator: " or ")
        if surrounding?.is(ExtensionDeclSyntax.self) == true {
            problems.error(
                at: marker,
                "@\(marker.shortName) is not seen in an extension: move it into the body of the type with \(wanted)")
        } else if let type = surrounding?.asProtocol((any DeclGroupSyntax).self),
            let name = type.asProtocol((any NamedDeclSyntax).self)?.name.text
        {
            let isOwned = owners.contains { !type.attributes.named($0).isEmpty }
            if isOwned { return }
            problems.error(at: marker, "@\(marker.shortName) does nothing here: mark `\(name)` with \(wanted)")
        } else {
            problems.error(
                at: marker, "@\(marker.shortName) does nothing here: move it into the body of a type with \(wanted)")
        }
    }
}
