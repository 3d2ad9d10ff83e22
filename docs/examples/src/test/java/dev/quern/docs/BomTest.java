package dev.quern.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The bill of materials lists what is published, in the version of the rest. */
class BomTest {
  @Test
  void shouldListEveryPublishedArtifact() throws Exception {
    Set<String> published = new TreeSet<>();
    for (Element module : children(pom("."), "modules", "module")) {
      Element pom = pom(module.getTextContent());
      boolean skipped = "true".equals(text(pom, "properties", "maven.deploy.skip"));
      if (!skipped && !"pom".equals(text(pom, "packaging"))) {
        published.add(text(pom, "artifactId"));
      }
    }

    Set<String> listed = new TreeSet<>();
    for (Element dependency : dependencies()) {
      listed.add(text(dependency, "artifactId"));
      assertEquals("dev.quern", text(dependency, "groupId"));
      assertEquals("${project.version}", text(dependency, "version"));
    }

    assertEquals(published, listed);
    assertTrue(published.contains("quern-core"), published.toString());
  }

  @Test
  void shouldListTheTestKit() throws Exception {
    List<String> kits = new ArrayList<>();
    for (Element dependency : dependencies()) {
      if (text(dependency, "type").equals("test-jar")) {
        kits.add(text(dependency, "artifactId"));
      }
    }

    assertEquals(List.of("quern-core"), kits);
  }

  @Test
  void shouldHaveTheVersionOfTheRest() throws Exception {
    assertEquals(text(pom("."), "version"), text(pom("bom"), "version"));
  }

  private static List<Element> dependencies() throws Exception {
    return children(pom("bom"), "dependencyManagement", "dependencies", "dependency");
  }

  private static Element pom(String module) throws Exception {
    Path file = Examples.root().resolve(module).resolve("pom.xml");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(file.toFile())
        .getDocumentElement();
  }

  /** Returns the text at the end of a path of elements; empty if there is none. */
  private static String text(Element from, String... path) {
    List<Element> found = children(from, path);
    return found.isEmpty() ? "" : found.get(0).getTextContent().strip();
  }

  private static List<Element> children(Element from, String... path) {
    List<Element> level = List.of(from);
    for (String name : path) {
      List<Element> next = new ArrayList<>();
      for (Element element : level) {
        NodeList nodes = element.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
          Node node = nodes.item(i);
          if (node instanceof Element child && child.getTagName().equals(name)) {
            next.add(child);
          }
        }
      }
      level = next;
    }
    return level;
  }
}
