// Pictures that are pasted into the prompt.

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

/** Hand over each picture that is pasted: its type, and its bytes in base64. */
export function onPastedPicture(
  box: HTMLElement,
  take: (mediaType: string, data: string) => void,
): void {
  box.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    for (const file of files.filter(({ type }) => PICTURE.test(type))) {
      event.preventDefault(); // some programs put a picture's name along with it
      void base64Of(file).then((data) => take(file.type, data));
    }
  });
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1]!);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
