import SwiftDiagnostics
import SwiftParser
import SwiftSyntax
import SwiftSyntaxMacroExpansion
import SwiftSyntaxMacros
import Testing

/// What the macros in a source report, and the source after all their fix-its.
struct Reported {
    /// `2:5 error: what to write instead`, in order.
    let problems: [String]
    let fixed: String

    init(_ source: String) {
        let file = Parser.parse(source: source)
        let context = BasicMacroExpansionContext(
            sourceFiles: [file: .init(moduleName: "Test", fullFilePath: "test.swift")])
        _ = file.expand(
            macroSpecs: macros,
            contextGenerator: { node in
                BasicMacroExpansionContext(sharingWith: context, lexicalContext: node.allMacroLexicalContexts())
            })
        problems = context.diagnostics.map { Self.line($0, in: context) }
        let changes = context.diagnostics.flatMap(\.fixIts).flatMap(\.changes)
        fixed = Self.apply(changes, to: source, in: context)
    }

    private static func line(_ diagnostic: Diagnostic, in context: BasicMacroExpansionContext) -> String {
        let place = context.location(for: diagnostic.position, anchoredAt: diagnostic.node, fileName: "")
        let fixes = diagnostic.fixIts.map { " [\($0.message.message)]" }.joined()
        return "\(place.line):\(place.column) \(diagnostic.diagMessage.severity): \(diagnostic.message)\(fixes)"
    }

    /// From the last to the first, so that the places of the others stay.
    private static func apply(
        _ changes: [FixIt.Change], to source: String, in context: BasicMacroExpansionContext
    ) -> String {
        var bytes = Array(source.utf8)
        let edits = changes.compactMap { change -> (Range<Int>, String)? in
            guard case .replace(let old, let new) = change else { return nil }
            let start = context.location(for: old.position, anchoredAt: old, fileName: "").offset
            return (start..<start + old.totalLength.utf8Length, new.description)
        }
        for (range, text) in edits.sorted(by: { $0.0.lowerBound > $1.0.lowerBound }) {
            bytes.replaceSubrange(range, with: text.utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Compares all that is reported, and the source after the fix-its when there are any.
func expect(
    _ source: String, reports problems: [String], fixed: String? = nil,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
    let reported = Reported(source)
    #expect(reported.problems == problems, sourceLocation: sourceLocation)
    #expect(reported.fixed == fixed ?? source, sourceLocation: sourceLocation)
}
