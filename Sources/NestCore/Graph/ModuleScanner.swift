/// Finds every module that can be reached from the root.
struct ModuleScanner {
    private(set) var nodes: [ModuleNode] = []
    /// Imported modules before those that import them.
    private(set) var order: [Int] = []
    private(set) var problems: [String] = []

    private let replacements: [ModuleReplacement]
    private var indices: [ModuleKey: Int] = [:]
    private var countOfType: [ObjectIdentifier: Int] = [:]
    private var usedReplacements: Set<Int> = []
    /// From the root to the module being visited.
    private var path: [Int] = []

    /// - Parameters:
    ///   - root: Where to start; always the first node.
    ///   - modules: More imports of the root.
    ///   - replacements: Modules to take instead of others.
    init(root: any Module.Type, modules: [DynamicModule], replacements: [ModuleReplacement]) {
        self.replacements = replacements
        visit(ModuleImport(root), and: modules.map { ModuleImport($0) })
        for (index, replacement) in replacements.enumerated() where !usedReplacements.contains(index) {
            problems.append("\(replacement.type) is overridden, but no module imports it")
        }
    }

    /// The node an import or an export means.
    static func replaced(_ reference: ModuleImport, by replacements: [ModuleReplacement]) -> ModuleImport {
        replacements.last { $0.type == reference.type }?.replacement ?? reference
    }

    @discardableResult
    private mutating func visit(_ reference: ModuleImport, and more: [ModuleImport] = []) -> Int {
        if let index = replacements.lastIndex(where: { $0.type == reference.type }) { usedReplacements.insert(index) }
        let reference = Self.replaced(reference, by: replacements)
        if let index = indices[reference.key] {
            reportCycle(to: index)
            return index
        }
        let index = add(reference, and: more)
        path.append(index)
        for imported in nodes[index].metadata.imports {
            let target = visit(imported)
            if !nodes[index].imports.contains(target) { nodes[index].imports.append(target) }
        }
        path.removeLast()
        order.append(index)
        return index
    }

    private mutating func add(_ reference: ModuleImport, and more: [ModuleImport]) -> Int {
        let index = nodes.count
        indices[reference.key] = index
        var metadata = reference.type.metadata
        if case .dynamic(let module) = reference.source { metadata = metadata.adding(module.additions) }
        metadata.imports += more
        nodes.append(
            ModuleNode(
                handle: ModuleHandle(index: index, name: name(of: reference.type)), reference: reference,
                metadata: metadata))
        return index
    }

    private mutating func name(of type: any Module.Type) -> String {
        let count = countOfType[ObjectIdentifier(type), default: 0] + 1
        countOfType[ObjectIdentifier(type)] = count
        return count == 1 ? "\(type)" : "\(type) #\(count)"
    }

    private mutating func reportCycle(to index: Int) {
        guard let start = path.firstIndex(of: index) else { return }
        let names = (path[start...] + [index]).map { nodes[$0].name }
        problems.append("modules import each other in a circle: " + names.joined(separator: " → "))
    }
}
