import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxMacros

/// What is wrong with the user's code: collected while an expansion is planned, reported once.
struct Problems {
    private(set) var diagnostics: [Diagnostic] = []

    /// Points at `node` and says what to write instead.
    mutating func error(at node: some SyntaxProtocol, _ message: String, fix: FixIt? = nil) {
        add(node, ProblemMessage(message, severity: .error), fix)
    }

    mutating func warning(at node: some SyntaxProtocol, _ message: String, fix: FixIt? = nil) {
        add(node, ProblemMessage(message, severity: .warning), fix)
    }

    func report(to context: some MacroExpansionContext) {
        for diagnostic in diagnostics { context.diagnose(diagnostic) }
    }

    private mutating func add(_ node: some SyntaxProtocol, _ message: ProblemMessage, _ fix: FixIt?) {
        diagnostics.append(Diagnostic(node: node, message: message, fixIts: fix.map { [$0] } ?? []))
    }
}

/// The text of a diagnostic or of its fix-it.
struct ProblemMessage: DiagnosticMessage, FixItMessage {
    let message: String
    let severity: DiagnosticSeverity

    init(_ message: String, severity: DiagnosticSeverity = .error) {
        self.message = message
        self.severity = severity
    }

    var diagnosticID: MessageID { MessageID(domain: "NestMacros", id: message) }
    var fixItID: MessageID { diagnosticID }
}

extension FixIt {
    /// Puts `new` in the place of `old`.
    static func replace(_ text: String, _ old: some SyntaxProtocol, with new: some SyntaxProtocol) -> FixIt {
        FixIt(
            message: ProblemMessage(text),
            changes: [.replace(oldNode: Syntax(old), newNode: Syntax(new))])
    }
}
