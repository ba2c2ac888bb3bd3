/// Works out what each module exports and, from that, what each can see.
struct ExportResolver {
    private(set) var nodes: [ModuleNode]
    private(set) var problems: [String] = []

    private let replacements: [ModuleReplacement]
    private var exports: [Int: [Token: [Int]]] = [:]
    /// Modules being worked out: where imports go in a circle, the second visit finds nothing.
    private var open: Set<Int> = []

    init(_ nodes: [ModuleNode], order: [Int], replacements: [ModuleReplacement]) {
        self.nodes = nodes
        self.replacements = replacements
        for index in order { _ = exports(of: index) }
        let globals = order.filter { nodes[$0].metadata.isGlobal }
        for index in order { self.nodes[index].visible = visible(from: index, globals) }
    }

    /// Own providers hide imported ones, imported ones hide global ones.
    private mutating func visible(from index: Int, _ globals: [Int]) -> [Token: [Int]] {
        let own = nodes[index].providers.mapValues { [$0] }
        let imported = union(of: nodes[index].imports)
        let global = union(of: globals.filter { $0 != index })
        return own.merging(imported) { own, _ in own }.merging(global) { closer, _ in closer }
    }

    private mutating func union(of modules: [Int]) -> [Token: [Int]] {
        modules.reduce(into: [:]) { union, module in
            union.merge(exports(of: module)) { known, new in known + new.filter { !known.contains($0) } }
        }
    }

    private mutating func exports(of index: Int) -> [Token: [Int]] {
        if let known = exports[index] { return known }
        guard open.insert(index).inserted else { return [:] }
        defer { open.remove(index) }
        var found: [Token: [Int]] = [:]
        for export in nodes[index].metadata.exports {
            found.merge(content(of: export, in: index)) { known, new in known + new.filter { !known.contains($0) } }
        }
        exports[index] = found
        return found
    }

    private mutating func content(of export: ModuleExport, in index: Int) -> [Token: [Int]] {
        switch export.content {
        case .token(let token): return providers(of: token, in: index)
        case .module(let type): return reexports(ModuleImport(type), anyOfType: true, in: index)
        case .dynamic(let module): return reexports(ModuleImport(module), anyOfType: false, in: index)
        }
    }

    private mutating func providers(of token: Token, in index: Int) -> [Token: [Int]] {
        if let own = nodes[index].providers[token] { return [token: [own]] }
        if let imported = union(of: nodes[index].imports)[token] { return [token: imported] }
        problems.append("\(nodes[index].name) exports \(token), which it neither provides nor imports")
        return [:]
    }

    private mutating func reexports(
        _ reference: ModuleImport, anyOfType: Bool, in index: Int
    ) -> [Token: [Int]] {
        let wanted = ModuleScanner.replaced(reference, by: replacements)
        let modules = nodes[index].imports.filter { module in
            let known = nodes[module].reference
            return anyOfType ? known.type == wanted.type : known.key == wanted.key
        }
        if modules.isEmpty { problems.append("\(nodes[index].name) exports \(wanted.type), which it does not import") }
        return union(of: modules)
    }
}
