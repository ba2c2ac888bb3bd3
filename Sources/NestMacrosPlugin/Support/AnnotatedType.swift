import SwiftSyntax
import SwiftSyntaxMacros

/// The type that `@Controller`, `@Injectable` or `@Module` stands on.
struct AnnotatedType {
    let declaration: any DeclGroupSyntax
    /// As the type calls itself.
    let name: String
    /// `public `, `package ` or nothing: what generated members need to be seen where the type is seen.
    let access: String
    /// True when it stands in another type or in an extension.
    let isNested: Bool

    /// Nil when the declaration is no type that can be expanded at all.
    init?(_ declaration: some DeclGroupSyntax, in context: some MacroExpansionContext) {
        guard let named = declaration.asProtocol((any NamedDeclSyntax).self) else { return nil }
        self.declaration = declaration
        name = named.name.trimmedDescription
        isNested = !context.lexicalContext.isEmpty
        let surrounding = context.lexicalContext.first?.as(ExtensionDeclSyntax.self)
        access = Self.access(declaration.modifiers) ?? surrounding.flatMap { Self.access($0.modifiers) } ?? ""
    }

    /// Nil when the modifiers say nothing of the kind; an explicit `internal` or narrower is empty.
    private static func access(_ modifiers: DeclModifierListSyntax) -> String? {
        for modifier in modifiers where modifier.detail == nil {
            switch modifier.name.tokenKind {
            case .keyword(.public), .keyword(.open): return "public "
            case .keyword(.package): return "package "
            case .keyword(.internal), .keyword(.fileprivate), .keyword(.private): return ""
            default: continue
            }
        }
        return nil
    }

    var isClass: Bool { declaration.is(ClassDeclSyntax.self) }
    var isActor: Bool { declaration.is(ActorDeclSyntax.self) }
    var isStruct: Bool { declaration.is(StructDeclSyntax.self) }
    var isGeneric: Bool { genericParameters != nil }

    var genericParameters: GenericParameterClauseSyntax? {
        declaration.asProtocol((any WithGenericParametersSyntax).self)?.genericParameterClause
    }

    /// The members that are certainly there: those inside `#if` are not.
    var members: [DeclSyntax] { declaration.memberBlock.members.map(\.decl) }

    /// The members inside `#if`, which a macro must not take for granted.
    var conditionalMembers: [DeclSyntax] {
        members.compactMap { $0.as(IfConfigDeclSyntax.self) }.flatMap(Self.members(of:))
    }

    private static func members(of condition: IfConfigDeclSyntax) -> [DeclSyntax] {
        condition.clauses.flatMap { clause -> [DeclSyntax] in
            guard case .decls(let items)? = clause.elements else { return [] }
            return items.flatMap { item in
                item.decl.as(IfConfigDeclSyntax.self).map(members(of:)) ?? [item.decl]
            }
        }
    }

    /// True when calling the method from outside has to wait for an actor. A global actor is known by its name's
    /// ending: a macro sees no more of it.
    func isolates(_ function: FunctionDeclSyntax) -> Bool {
        if function.attributes.namesGlobalActor { return true }
        if function.modifiers.contains(.nonisolated) { return false }
        return isActor || declaration.attributes.namesGlobalActor
    }
}

extension AttributeListSyntax {
    /// `@MainActor`, `@DatabaseActor`.
    var namesGlobalActor: Bool {
        contains { $0.as(AttributeSyntax.self)?.shortName.hasSuffix("Actor") ?? false }
    }
}

extension DeclModifierListSyntax {
    func contains(_ keyword: Keyword) -> Bool { first(keyword) != nil }

    func first(_ keyword: Keyword) -> DeclModifierSyntax? { first { $0.name.tokenKind == .keyword(keyword) } }
}
