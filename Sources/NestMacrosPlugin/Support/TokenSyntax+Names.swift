import SwiftSyntax

extension TokenSyntax {
    /// The name without backticks.
    var plainText: String { identifier?.name ?? text }

    /// The name as a call says it: the compiler wants no backticks around keywords there, except for three.
    var labelText: String {
        let isWord = plainText.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return isWord && !["inout", "let", "var"].contains(plainText) ? plainText : text
    }
}
