package dev.quern.examples;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * A picture and a digest of the numbers it shows. Fonts make pixels differ from one machine to
 * another, so a file carries the digest, by which it is known to be up to date.
 */
public record Picture(String name, BufferedImage image, String digest) {
  private static final String FORMAT = "javax_imageio_png_1.0";
  private static final String TEXT = "tEXtEntry";
  private static final String KEY = "Comment";

  /** Writes a PNG file with the digest in its comment. */
  public void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
    IIOMetadataNode entry = new IIOMetadataNode(TEXT);
    entry.setAttribute("keyword", KEY);
    entry.setAttribute("value", digest);
    IIOMetadataNode text = new IIOMetadataNode("tEXt");
    text.appendChild(entry);
    IIOMetadataNode root = new IIOMetadataNode(FORMAT);
    root.appendChild(text);
    metadata.mergeTree(FORMAT, root);
    Files.deleteIfExists(file);
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file.toFile())) {
      writer.setOutput(out);
      writer.write(new IIOImage(image, null, metadata));
    } finally {
      writer.dispose();
    }
  }

  /** Returns the digest that a PNG file carries. */
  public static Optional<String> digest(Path file) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(in);
      IIOMetadataNode root = (IIOMetadataNode) reader.getImageMetadata(0).getAsTree(FORMAT);
      NodeList entries = root.getElementsByTagName(TEXT);
      for (int i = 0; i < entries.getLength(); i++) {
        Node entry = entries.item(i);
        if (entry.getAttributes().getNamedItem("keyword").getNodeValue().equals(KEY)) {
          return Optional.of(entry.getAttributes().getNamedItem("value").getNodeValue());
        }
      }
      return Optional.empty();
    } finally {
      reader.dispose();
    }
  }
}
