import SwiftSyntax

extension AnnotatedType {
    /// A macro cannot know which side of an `#if` is compiled, and must not lose a handler in silence.
    func reportConditionalMarkers(_ mark: (AttributeListSyntax) -> Bool, reporting problems: inout Problems) {
        for function in conditionalMembers.compactMap({ $0.as(FunctionDeclSyntax.self) })
        where mark(function.attributes) {
            problems.error(
                at: function.name,
                "a handler inside #if is not seen by the macro: put the #if inside the body of `\(function.name.text)`")
        }
    }
}
